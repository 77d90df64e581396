"""Numbers, not pass or fail: what `make bench` measures, side by side with nginx-rtmp."""
