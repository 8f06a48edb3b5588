"""A run as it is watched: what people see, the event log, the forecast, the state and the page about a run."""
