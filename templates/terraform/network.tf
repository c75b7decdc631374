# A network of its own: machines without public addresses reach Google's APIs, and, as there is no
# NAT, nothing else.
resource "google_compute_network" "workers" {
  name                    = "sluicegate"
  auto_create_subnetworks = false
  depends_on              = [google_project_service.needed]
}

resource "google_compute_subnetwork" "workers" {
  name                     = "sluicegate"
  network                  = google_compute_network.workers.id
  region                   = var.region
  ip_cidr_range            = "10.81.0.0/24"
  private_ip_google_access = true
}

# Workers of one job talk to each other on these ports, and to nobody else.
resource "google_compute_firewall" "between_workers" {
  name        = "sluicegate-between-workers"
  network     = google_compute_network.workers.id
  direction   = "INGRESS"
  source_tags = ["dataflow"]
  target_tags = ["dataflow"]

  allow {
    protocol = "tcp"
    ports    = ["12345-12346"]
  }
}
