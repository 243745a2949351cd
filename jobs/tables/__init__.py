"""The tables of the lake: each module here declares one as TABLE; `dataops tables apply` brings the lake to them."""
