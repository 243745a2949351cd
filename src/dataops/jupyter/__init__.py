"""What runs in and beside a user's Jupyter server; importing it loads nothing, as kernels take a spare from here."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "dataops.jupyter.extension"}]
