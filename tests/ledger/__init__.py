"""Kills the gateway while mail comes in and goes out, and then counts. The truth is what the sender was promised
(its list of acknowledged mails) and what the far server holds, never the gateway's own counters (N07, T01)."""
