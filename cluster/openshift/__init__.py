"""An OpenShift for tests: the node with OpenShift's admission code, Routes, a registry and a site's outer services."""
