"""How well mail is understood: `python -m tests.score` judges every corpus case and prints the rates and the misses."""
