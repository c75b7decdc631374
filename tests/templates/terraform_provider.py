"""A stand-in of Terraform's Google providers: their schemas, and no cloud behind them.

Terraform itself plans and applies with it, so that references, types, loops and conditions of the
set-up are judged by the real thing. It speaks Terraform's plugin protocol 5 over gRPC; its messages
are few and small, so they are written and read here field by field.
Source: https://github.com/hashicorp/terraform/tree/main/docs/plugin-protocol
"""

import json
import os
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any, Self

import grpc

from tests.templates.msgpack import UNKNOWN, pack, unpack

NAMES = ("registry.terraform.io/hashicorp/google", "registry.terraform.io/hashicorp/google-beta")
_LIST = 2  # Schema.NestedBlock.NestingMode
_Node = dict[str, Any]


class GoogleProvider:
    """Serves both providers on the loopback while it is entered."""

    def __init__(self, schema: _Node) -> None:
        self._resources: dict[str, _Node] = schema["resources"]
        self._data: dict[str, _Node] = schema["data_sources"]
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("tfplugin5.Provider", self._methods()),)
        )
        self._port = self._server.add_insecure_port("127.0.0.1:0")

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(None).wait()

    @property
    def environment(self) -> dict[str, str]:
        """What makes Terraform use it: TF_REATTACH_PROVIDERS, meant for a provider's developers."""
        reached = {
            "Protocol": "grpc",
            "ProtocolVersion": 5,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "tcp", "String": f"127.0.0.1:{self._port}"},
        }
        return {"TF_REATTACH_PROVIDERS": json.dumps(dict.fromkeys(NAMES, reached))}

    def _methods(self) -> dict[str, Any]:
        answers: dict[str, Callable[[dict[int, bytes]], bytes]] = {
            "GetSchema": self._schemas,
            "PrepareProviderConfig": lambda given: _field(1, given[1]),
            "ValidateResourceTypeConfig": lambda _: b"",
            "ValidateDataSourceConfig": lambda _: b"",
            "UpgradeResourceState": lambda given: _field(1, given[3]),
            "Configure": lambda _: b"",
            "ReadResource": lambda given: _field(1, given[2]),
            "ReadDataSource": self._read_data,
            "PlanResourceChange": self._plan,
            "ApplyResourceChange": self._apply,
            "Stop": lambda _: b"",
        }
        return {
            name: grpc.unary_unary_rpc_method_handler(
                lambda request, _, answer=answer: answer(_fields(request))
            )
            for name, answer in answers.items()
        }

    def _schemas(self, _: dict[int, bytes]) -> bytes:
        provider = {"optional": ["project", "region"]}
        return (
            _field(1, _schema(provider))
            + b"".join(_entry(2, name, _schema(node)) for name, node in self._resources.items())
            + b"".join(_entry(3, name, _schema(node)) for name, node in self._data.items())
        )

    def _read_data(self, given: dict[int, bytes]) -> bytes:
        state, node = _value(given[2]), self._data[given[1].decode()]
        known = {name: "1" for name, kind in node["computed"].items() if kind == "string"}
        return _field(1, _dynamic({**state, **{n: v for n, v in known.items() if not state[n]}}))

    def _plan(self, given: dict[int, bytes]) -> bytes:
        proposed, node = _value(given[3]), self._resources[given[1].decode()]
        if proposed is not None and _value(given[2]) is None:
            for name in ("id", *node.get("computed", {})):
                proposed[name] = UNKNOWN if proposed.get(name) is None else proposed[name]
        return _field(1, _dynamic(proposed)) + _flag(5)

    def _apply(self, given: dict[int, bytes]) -> bytes:
        planned, node = _value(given[3]) or {}, self._resources[given[1].decode()]
        given_names = [planned.get(each) for each in ("account_id", "role_id", "secret_id", "name")]
        said = next((each for each in given_names if isinstance(each, str)), "computed")
        for name, value in planned.items():
            if value is UNKNOWN:
                is_text = node.get("computed", {}).get(name, "string") == "string"
                planned[name] = said if is_text else None
        return _field(1, _dynamic(planned)) + _flag(4)


def _schema(node: _Node) -> bytes:
    return _field(1, 1) + _field(2, _block(node))


def _block(node: _Node) -> bytes:
    types, inner = node.get("types", {}), node.get("blocks", {})
    computed = {**node.get("computed", {}), **({"id": "string"} if "computed" in node else {})}
    names = [*node.get("required", []), *node.get("optional", []), *computed]
    attributes = [
        _field(1, name)
        + _field(2, json.dumps(types.get(name) or computed.get(name) or "string"))
        + (_flag(4) if name in node.get("required", []) else b"")
        + (_flag(5) if name in node.get("optional", []) else b"")
        + (_flag(6) if name in computed else b"")
        for name in dict.fromkeys(names)
    ]
    blocks = [
        _field(1, name)
        + _field(2, _block(each))
        + _field(3, _LIST)
        + (_field(4, 1) if each.get("is_required") else b"")
        + (b"" if each.get("many") else _field(5, 1))
        for name, each in inner.items()
    ]
    return b"".join([*(_field(2, each) for each in attributes), *(_field(3, b) for b in blocks)])


def _value(dynamic: bytes) -> Any:
    return unpack(_fields(dynamic)[1])


def _dynamic(value: Any) -> bytes:
    return _field(1, pack(value))


def _field(number: int, value: bytes | str | int) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _flag(number: int) -> bytes:
    return _field(number, 1)


def _entry(number: int, key: str, value: bytes) -> bytes:
    return _field(number, _field(1, key) + _field(2, value))


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _fields(message: bytes) -> dict[int, bytes]:
    """Return a message's fields that hold bytes; numbers, which none needs here, are left out."""
    return dict(_each(message))


def _each(message: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0

    def number() -> int:
        nonlocal at
        found = shift = 0
        while True:
            byte = message[at]
            at += 1
            found |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return found

    while at < len(message):
        key = number()
        if key & 7 == 2:
            length = number()
            yield key >> 3, message[at : at + length]
            at += length
        else:
            number()
