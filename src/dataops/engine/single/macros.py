"""DuckDB macros that compute as Spark does; which branch is taken is settled by types before a query runs."""

_SPACE = r"[\x00-\x20]*"
_WHOLE = rf"nullif(regexp_extract(cast(x as varchar), '^{_SPACE}([+-]?[0-9]+)(\.[0-9]*)?{_SPACE}$', 1), '')"
_FLOAT = rf"regexp_replace(cast(x as varchar), '^{_SPACE}(.*?)[dDfF]?{_SPACE}$', '\1')"  # Java reads 1.5d, too
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "[ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?"
_OTHER_MOMENTS = r"^\s*([+-]?[0-9]{4,}(\s*|-.*)|T?[0-9]{1,2}:.*)$"
_CAPITALS = "[^\\x00-\\x7fÀ-ÖØ-Þà-öø-þ]"  # letters beyond Latin-1, and ß, may have other capitals
_DIVIDED = "error('a quotient or an average of decimals, which must be cast to double')"


def _macro(name: str, rules: dict[str, str], otherwise: str) -> str:
    """A macro of x, by its type: a regular expression of types, and what is computed for them."""
    cases = " ".join(f"when regexp_full_match(typeof(x), '{types}') then {value}" for types, value in rules.items())
    return f"create temp macro spark_{name}(x) as case {cases} else {otherwise} end"


def _cast(name: str, rules: dict[str, str]) -> str:
    return _macro(name, rules, f"error('a cast of ' || typeof(x) || ' to {name}')")


def _whole(name: str) -> str:
    number = f"try_cast(x as {name})"
    return _cast(
        name,
        {
            # Spark cuts fractions off where DuckDB rounds, and text that is no number becomes null; text that looks
            # as DuckDB would write the number needs no closer look
            "VARCHAR": f"case when cast({number} as varchar) = cast(x as varchar) then {number} "
            f"else try_cast({_WHOLE} as {name}) end",
            "DOUBLE": f"cast(trunc(try_cast(x as double)) as {name})",
            "DECIMAL.*": f"cast(split_part(cast(x as varchar), '.', 1) as {name})",
            ".*INT.*|BOOLEAN": f"cast(try_cast(x as hugeint) as {name})",
        },
    )


def _moment(name: str, text: str, kind: str) -> str:
    # Spark reads many forms of dates: those that are not ISO's are refused, what is no date becomes null
    said = "trim(cast(x as varchar))"
    read = (
        f"case when regexp_full_match({said}, '{text}') then try_cast({said} as {kind}) "
        f"when regexp_matches({said}, '{_OTHER_MOMENTS}') then error('the text ' || {said} || ' as {name}') end"
    )
    return _cast(name, {"VARCHAR": read, "DATE|TIMESTAMP( WITH TIME ZONE)?": f"try_cast(x as {kind})"})


def _rounded(name: str) -> str:
    whole = f"cast({name}(try_cast(x as double)) as bigint)"
    return _macro(name, {"DOUBLE": whole}, f"error('{name} of ' || typeof(x))")


def _letters(name: str) -> str:
    odd = f"regexp_matches(cast(x as varchar), '{_CAPITALS}')"
    return _macro(name, {"VARCHAR": f"case when {odd} then error('{name} of ' || x) else {name}(x) end"}, "error(x)")


MACROS = (
    _whole("int"),
    _whole("bigint"),
    _cast(
        "double",
        {"VARCHAR": f"try_cast({_FLOAT} as double)", ".*INT.*|BOOLEAN|FLOAT|DOUBLE|DECIMAL.*": "try_cast(x as double)"},
    ),
    _cast("text", {"VARCHAR|.*INT.*|BOOLEAN|DATE": "cast(x as varchar)"}),
    _cast("boolean", {".*INT.*|BOOLEAN": "try_cast(x as boolean)"}),
    _moment("date", _DAY, "date"),
    _moment("timestamp", f"{_DAY}({_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})?)?", "timestamp with time zone"),
    # exact decimals have scales of their own in Spark when they are divided
    _macro("number", {"DECIMAL.*": _DIVIDED}, "try_cast(x as double)"),
    # a quotient by zero is null
    "create temp macro spark_divide(a, b) as case when 'DOUBLE' in (typeof(a), typeof(b)) then "
    "try_cast(a as double) / nullif(try_cast(b as double), 0) else spark_number(a) / nullif(spark_number(b), 0) end",
    "create temp macro spark_number_beside(n, x) as case when typeof(x) = 'VARCHAR' "
    "then error('a comparison of text with a number, of which one must be cast') else n end",
    _rounded("ceil"),
    _rounded("floor"),
    _letters("lower"),
    _letters("upper"),
    "create temp macro spark_isnan(x) as coalesce(isnan(x), false)",
    # whole seconds, as Spark cuts them
    "create temp macro spark_unix_seconds(x) as cast(epoch(date_trunc('second', x)) as bigint)",
    "create temp macro spark_clock(x, zone) as timezone(zone, date_trunc('second', x))",
    # Spark counts characters from 1, and takes 0 for 1
    "create temp macro spark_substring(x, a, n) as case when a < 0 then error('a substring from the end') "
    "else substring(x, greatest(a, 1), greatest(n, 0)) end",
)
