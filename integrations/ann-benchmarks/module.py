from ..data import bit_unparse_entry, float_unparse_entry, int_unparse_entry
from ..subprocess.module import PreparedSubprocess

ENCODERS = {"hamming": bit_unparse_entry, "jaccard": int_unparse_entry}


class Nearts(PreparedSubprocess):
    """nearts as a program of its own, which speaks the line protocol: queries are prepared, so that reading them is not timed."""

    def __init__(self, metric, params):
        encoder = ENCODERS.get(metric, float_unparse_entry)
        super().__init__(["nearts", "ann-benchmarks"], encoder, {"distance": metric, **params})
        self._label = ", ".join(f"{name}={value}" for name, value in sorted(params.items()))
        self.name = f"nearts({self._label})"

    def _configuration_hook(self):
        super()._configuration_hook()
        self._write("frontend query-parameters 1")
        assert self._line()[0] == "ok", "query parameters were refused"

    def set_query_arguments(self, argument):
        """The recall that queries are to have or, for bits and sets, the buckets they read per table."""
        self._get_program_handle()
        self._write(f"query-params {self._quote(argument)} set")
        assert self._line()[0] == "ok", f"the query argument {argument} was refused"
        self.name = f"nearts({self._label}, ask={argument})"
