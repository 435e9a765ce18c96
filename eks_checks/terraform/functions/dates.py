"""Terraform's functions of given times; what asks the clock is impure and not here."""

from __future__ import annotations

import datetime
import re
from fractions import Fraction

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.kinds import STRING
from eks_checks.terraform.functions.knowledge import bounded
from eks_checks.terraform.functions.signature import Function, plain

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)", re.ASCII
)
_DURATION = re.compile(r"(?P<count>\d+(?:\.\d*)?|\.\d+)(?P<unit>ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_SECONDS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "μs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_LONGEST_TEXT = 1000
# Go counts a duration in nanoseconds of 64 bits.
_LONGEST_SECONDS = Fraction(1 << 63, 10**9)
_PIECE = re.compile(
    r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|(?P<stray>')|(?P<plain>[^A-Za-z']+)"
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _moment(text: str) -> tuple[datetime.datetime, Fraction]:
    """The time to the second, and what is left of a second."""
    found = _TIMESTAMP.fullmatch(text)
    if not found:
        raise EvaluationError(f'"{text}" is no RFC 3339 timestamp')
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    try:
        moment = datetime.datetime(year, month, day, hour, minute, second, tzinfo=_zone(found["zone"]))
    except ValueError as error:
        raise EvaluationError(f'"{text}" is no RFC 3339 timestamp') from error
    return moment, Fraction(found["fraction"] or 0)


def _zone(text: str) -> datetime.timezone:
    if text == "Z":
        return datetime.timezone.utc
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError("no such offset")
    offset = datetime.timedelta(hours=hours, minutes=minutes)
    return datetime.timezone(-offset if text.startswith("-") else offset)


def _timeadd(timestamp: str, duration: str) -> str:
    moment, rest = _moment(timestamp)
    total = rest + _duration(duration)
    whole, _ = divmod(total, 1)
    try:
        # What is left of a second is not written.
        later = moment + datetime.timedelta(seconds=int(whole))
    except OverflowError as error:
        raise EvaluationError("the time is beyond the calendar") from error
    return later.strftime("%Y").zfill(4) + later.strftime("-%m-%dT%H:%M:%S") + _zone_text(later, "Z", ":")


def _duration(text: str) -> Fraction:
    bounded(len(text), _LONGEST_TEXT)
    sign, unsigned = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if unsigned == "0":
        return Fraction(0)
    found = list(_DURATION.finditer(unsigned))
    if not found or "".join(piece.group() for piece in found) != unsigned:
        raise EvaluationError(f'"{text}" is no duration')
    total = sum(
        (Fraction(_decimal(piece["count"])) * _SECONDS[piece["unit"]] for piece in found), Fraction(0)
    )
    if total >= _LONGEST_SECONDS:
        raise EvaluationError(f'"{text}" is too long a duration')
    return sign * total


def _decimal(text: str) -> str:
    return f"0{text}" if text.startswith(".") else text.removesuffix(".")


def _timecmp(left: str, right: str) -> int:
    one, other = _moment(left), _moment(right)
    return (one > other) - (one < other)


def _formatdate(layout: str, timestamp: str) -> str:
    bounded(len(layout), _LONGEST_TEXT)
    moment, _ = _moment(timestamp)
    pieces: list[str] = []
    for piece in _PIECE.finditer(layout):
        if piece["stray"]:
            raise EvaluationError("the format has a quote that does not end")
        if piece["quoted"] is not None:
            # An empty quotation stands for the quote itself.
            pieces.append(piece["quoted"].replace("''", "'") or "'")
        else:
            pieces.append(piece["plain"] or _dated(piece["letters"], moment))
    return "".join(pieces)


def _dated(letters: str, moment: datetime.datetime) -> str:
    hour = moment.hour % 12 or 12
    texts = {
        "YYYY": f"{moment.year:04d}",
        "YY": f"{moment.year % 100:02d}",
        "MMMM": _MONTHS[moment.month - 1],
        "MMM": _MONTHS[moment.month - 1][:3],
        "MM": f"{moment.month:02d}",
        "M": str(moment.month),
        "DD": f"{moment.day:02d}",
        "D": str(moment.day),
        "EEEE": _DAYS[moment.weekday()],
        "EEE": _DAYS[moment.weekday()][:3],
        "hh": f"{moment.hour:02d}",
        "h": str(moment.hour),
        "HH": f"{hour:02d}",
        "H": str(hour),
        "AA": "AM" if moment.hour < 12 else "PM",
        "aa": "am" if moment.hour < 12 else "pm",
        "mm": f"{moment.minute:02d}",
        "m": str(moment.minute),
        "ss": f"{moment.second:02d}",
        "s": str(moment.second),
        "ZZZZZ": _zone_text(moment, "+00:00", ":"),
        "ZZZZ": _zone_text(moment, "+0000", ""),
        "ZZZ": _zone_text(moment, "UTC", ""),
        "Z": _zone_text(moment, "Z", ":"),
    }
    if letters not in texts:
        raise EvaluationError(f'formatdate() has no verb "{letters}"')
    return texts[letters]


def _zone_text(moment: datetime.datetime, utc: str, separator: str) -> str:
    offset = moment.utcoffset() or datetime.timedelta(0)
    if not offset:
        return utc
    minutes = abs(offset) // datetime.timedelta(minutes=1)
    sign = "-" if offset < datetime.timedelta(0) else "+"
    return f"{sign}{minutes // 60:02d}{separator}{minutes % 60:02d}"


FUNCTIONS: tuple[Function, ...] = (
    plain("formatdate", [STRING, STRING], _formatdate),
    plain("timeadd", [STRING, STRING], _timeadd),
    plain("timecmp", [STRING, STRING], _timecmp),
)
