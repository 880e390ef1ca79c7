"""One sync cycle: when it is due, who may run it, its steps, and what a dead one left."""
