"""For those who work on the kit: what a new unit needs, and what is missing. In a clone only."""
