"""The fault and attack plan T01-T24 at its full size; the suite runs the same at a small one.

A fault is a module `tNN_name.py` whose docstring says in its first line what it does, with a function

    def run(full: bool, folder: Path) -> Report        (or async)

that plays the fault, at the plan's size where `full`, else in seconds, and leaves its files in `folder`. A test of the
suite may call it, too. What stands as tests already is run by `report.by_pytest`.
"""
