"""Is a gateway set up as it must be, on its machine and in DNS? One finding for each question, one remedy for each."""
