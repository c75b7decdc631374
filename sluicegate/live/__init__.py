"""Live: answers by paced calls. Engine, document worker, retry loop."""
