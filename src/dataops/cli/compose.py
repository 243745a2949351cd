"""`dataops compose`: what docker-compose.yml needs."""

from dataops.cli.options import Engine


def compose(engine: Engine = None) -> None:
    """Make what docker-compose.yml needs: images, secrets, certificates and .env; what exists stays as it is."""
    from dataops.platform.compose import prepare
    from dataops.platform.paths import repository_root

    root = repository_root()
    folder = prepare(root, engine).relative_to(root)
    print("Next: `docker-compose up`, then, once the hub says that it runs:")
    print(f"  JupyterHub  http://localhost:8000  any user name, password: cat {folder}/hub-login/password")
    print(f"  MLflow      http://localhost:5000  user admin, password: cat {folder}/mlflow-auth/admin-password")
    print("docs/COMPOSE.md lists the other pages, and what is different from a cluster.")
