"""Keys and tokens are hidden in text that others wrote: the one function that does it.

Apply it where such text enters (an error's body, an exception's words), not where it is shown: then
whatever shows, logs or stores it needs no care. Source: a service repeats the caller's key in
"Consumer 'api_key:…' has been suspended" and in google.rpc.DebugInfo.
"""

import re
from typing import Any

MASK = "[hidden]"
_MIN_LENGTH = 6  # of a secret that is known: a shorter one is a word, of a stand-in

# What is a secret by its own form, whoever says it.
_FORMS = re.compile(
    r"""
      AIza[0-9A-Za-z_-]{8,}                                   # API keys
    | \bAQ\.[0-9A-Za-z_-]{8,}                                 # API keys, the form of 2026
    | \b(?:ya29|1//0)[.0-9A-Za-z_-]{8,}                       # OAuth access and refresh tokens
    | \bGOCSPX-[0-9A-Za-z_-]{8,}                              # OAuth client secrets
    | \beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]+\.?[0-9A-Za-z_-]* # JSON web tokens
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
# What is a secret by the name before it; the name stays.
_NAMED = re.compile(
    r"""
    (?P<name>
        (?: [?&]key | \b(?: x-goog-api-key | api[ _-]?key | access[ _-]?token | refresh[ _-]?token
          | id[ _-]?token | client[ _-]?secret | authorization | password ) )
        ["'`]? \s* [:=] \s* (?: ["'`]? (?:Bearer|Basic) \s+ )? ["'`]?
      | \b(?:Bearer|Basic) \s+
    )
    (?P<value> (?!\[hidden\]) [^\s"'`&,;<>(){}\[\]]{3,} )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Words after "Bearer" or a name that are no secret: prose.
_PROSE = re.compile(r"[a-z]{1,12}[.]?")


def mask(text: str, *secrets: str) -> str:
    """Return the text without keys and tokens, and without `secrets`, whatever their form."""
    for secret in secrets:
        if len(secret) >= _MIN_LENGTH:
            text = text.replace(secret, MASK)
    return _NAMED.sub(_hide, _FORMS.sub(MASK, text))


def masked(value: Any, *secrets: str) -> Any:
    """Return a plain JSON value with every text in it masked, names included."""
    if isinstance(value, str):
        return mask(value, *secrets)
    if isinstance(value, list):
        return [masked(each, *secrets) for each in value]
    if isinstance(value, dict):
        return {mask(str(name), *secrets): masked(each, *secrets) for name, each in value.items()}
    return value


def _hide(found: re.Match[str]) -> str:
    if _PROSE.fullmatch(found["value"]):
        return found.group()
    return found["name"] + MASK
