"""From the outbox to the smarthost: attempts, outcomes, retries. What an outcome means for an inquiry is the desk's."""
