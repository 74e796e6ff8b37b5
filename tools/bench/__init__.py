"""`make bench`: what is bounded, as ratios within one run, for the milliseconds of a machine say little."""
