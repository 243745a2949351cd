"""`python -m dataops.spark.report <application id or path>`: the report where only the library is, such as in a pod."""

import sys

from dataops.errors import UserError
from dataops.spark.report import report, why

if __name__ == "__main__":
    try:
        print(report(*why(sys.argv[-1])))
    except UserError as error:
        sys.exit(f"error: {error}")
