"""Over HTTP: a product's public questions for everyone, health and metrics for the operator's monitoring."""
