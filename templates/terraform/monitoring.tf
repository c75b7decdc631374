locals {
  monitoring = "${path.module}/../monitoring"
  alerts     = { for file in fileset(local.monitoring, "alerts/*.json") : trimsuffix(basename(file), ".json") => jsondecode(file("${local.monitoring}/${file}")) }
}

resource "google_monitoring_dashboard" "jobs" {
  dashboard_json = file("${local.monitoring}/dashboard.json")
  depends_on     = [google_project_service.needed]
}

resource "google_monitoring_alert_policy" "jobs" {
  for_each              = local.alerts
  display_name          = each.value.displayName
  severity              = each.value.severity
  combiner              = each.value.combiner
  user_labels           = each.value.userLabels
  notification_channels = var.notification_channels

  documentation {
    mime_type = each.value.documentation.mimeType
    subject   = each.value.documentation.subject
    content   = each.value.documentation.content
  }

  conditions {
    display_name = each.value.conditions[0].displayName
    condition_prometheus_query_language {
      query                     = each.value.conditions[0].conditionPrometheusQueryLanguage.query
      duration                  = each.value.conditions[0].conditionPrometheusQueryLanguage.duration
      evaluation_interval       = each.value.conditions[0].conditionPrometheusQueryLanguage.evaluationInterval
      disable_metric_validation = each.value.conditions[0].conditionPrometheusQueryLanguage.disableMetricValidation
    }
  }

  alert_strategy {
    auto_close = each.value.alertStrategy.autoClose
  }

  depends_on = [google_project_service.needed]
}
