"""How busy the intake is: normal, stress, shed (Postfix STRESS_README). What follows from it is the session's matter.

Under stress a stranger's patience is short and mistakes are not forgiven; when the intake sheds, strangers are told 421
as they come.
"""

from enum import StrEnum

STRESS_FROM = 0.75  # of any budget that is in use
NORMAL_BELOW = 0.5  # not at once below STRESS_FROM, or it would change with every connection


class Level(StrEnum):
    NORMAL = "normal"
    STRESS = "stress"
    SHED = "shed"  # somebody was turned away for want of a place since the last look

    @property
    def number(self) -> int:
        """0, 1 or 2, for a graph."""
        return list(Level).index(self)


def level(before: Level, share: float, turned_away: bool, *, is_calm: bool) -> Level:
    """`share`: of the budget that is used up most, 1.0 when nothing is left of it. `is_calm`: it has been below
    NORMAL_BELOW for as long as a stranger's patience lasts under stress; before, those who caused it would get a
    long one with the first places that are free again."""
    if turned_away:
        return Level.SHED
    if share > STRESS_FROM or (before is not Level.NORMAL and not is_calm):
        return Level.STRESS
    return Level.NORMAL
