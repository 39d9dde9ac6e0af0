"""What can go wrong, sorted by what the reader should do about it.

    CockpitError
    ├── RetryableError   try again later: a time-out, a rate limit, a busy file
    ├── FatalError       stop and look: a broken invariant, a damaged file
    └── UserError        tell the person: wrong input, missing right, unknown name

An error carries a code and its fields; `text(lang)` reads the sentence from the message catalogue
(`i18n/<lang>/*.toml`, key ``errors.<code>``), which ends with the mend.
"""

from __future__ import annotations

from i18n import text


class CockpitError(Exception):
    """Base of every error this product raises on purpose."""

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields = fields

    def text(self, lang: str = "zh") -> str:
        """The sentence for a reader of `lang`: what is wrong, where, what to do."""
        return text(f"errors.{self.code}", lang, **self.fields)

    def __str__(self) -> str:
        return self.text("en")


class RetryableError(CockpitError):
    """The same call may succeed later."""


class FatalError(CockpitError):
    """Going on would do harm; somebody has to look."""


class UserError(CockpitError):
    """The person who asked can mend it."""
