"""The messages of Envoy's rate limit service, v3: those fields of them that are used here.

Numbers are those of envoy/service/ratelimit/v3/rls.proto (requests and responses) and of
envoy/extensions/common/ratelimit/v3/ratelimit.proto (descriptors). They are built at import, in a
pool of their own: another copy of them in this process does not matter.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, message_factory

_PACKAGE = "envoy.service.ratelimit.v3"
_FILE = "rls.proto"
_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {"string": _Field.TYPE_STRING, "uint32": _Field.TYPE_UINT32}
_DURATION = duration_pb2.Duration.DESCRIPTOR

# message -> field -> (number, type); a list has one or more of the type.
_MESSAGES: dict[str, dict[str, tuple[int, Any]]] = {
    "Entry": {"key": (1, "string"), "value": (2, "string")},
    "RateLimitDescriptor": {"entries": (1, ["Entry"])},
    "RateLimitRequest": {
        "domain": (1, "string"),
        "descriptors": (2, ["RateLimitDescriptor"]),
        "hits_addend": (3, "uint32"),
    },
    "RateLimit": {"requests_per_unit": (1, "uint32"), "unit": (2, "Unit"), "name": (3, "string")},
    "DescriptorStatus": {
        "code": (1, "Code"),
        "current_limit": (2, "RateLimit"),
        "limit_remaining": (3, "uint32"),
        "duration_until_reset": (4, _DURATION),
    },
    "RateLimitResponse": {"overall_code": (1, "Code"), "statuses": (2, ["DescriptorStatus"])},
}
_ENUMS = {
    "Code": ["CODE_UNKNOWN", "OK", "OVER_LIMIT"],
    "Unit": ["UNIT_UNKNOWN", "SECOND", "MINUTE", "HOUR", "DAY"],
}
OK, OVER_LIMIT = 1, 2


def _field(name: str, number: int, kind: Any) -> descriptor_pb2.FieldDescriptorProto:
    repeated, kind = isinstance(kind, list), kind[0] if isinstance(kind, list) else kind
    field = _Field(name=name, number=number)
    field.label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    elif kind is _DURATION:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_DURATION.full_name}"
    else:
        field.type = _Field.TYPE_ENUM if kind in _ENUMS else _Field.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.{kind}"
    return field


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name=_FILE, package=_PACKAGE, syntax="proto3", dependency=[_DURATION.file.name]
    )
    for name, values in _ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            enum.value.add(name=value, number=number)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        message.field.extend(_field(field, *said) for field, said in fields.items())
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(_DURATION.file.serialized_pb)
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _MESSAGES
    }


_MADE = _classes()
RateLimitRequest, RateLimitResponse = _MADE["RateLimitRequest"], _MADE["RateLimitResponse"]
RateLimitDescriptor = _MADE["RateLimitDescriptor"]
UNITS = {name.lower(): number for number, name in enumerate(_ENUMS["Unit"])}
