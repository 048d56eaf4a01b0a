"""Where an error arose, for the log: code lines only, since an error's own words and values may hold mail (A23)."""

from traceback import extract_tb

FRAMES = 4  # the innermost


def where(error: BaseException) -> str:
    """`file:line function` of the innermost frames, outermost first."""
    frames = extract_tb(error.__traceback__)[-FRAMES:]
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
