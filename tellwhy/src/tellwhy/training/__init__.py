"""Why a training loop does not learn: watch it, and say what is wrong with the numbers that show it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tellwhy.training.watch import Watch
from tellwhy.training.wiring import Wiring


class R: pass

@contextmanager
def checkup():
    watch, report = Watch(), R()
    report.watch = watch
    watch.start()
    try:
        yield report
    finally:
        watch.stop()
        if watch.trouble: raise watch.trouble
        w=Wiring(watch)
        report.findings = list(w.findings())
        if not report.findings:
            from tellwhy.training.fit import Fit
            from tellwhy.training.trials import Trials
            from tellwhy.training.rates import Rates
            fit=Fit(watch)
            rates=[r for p in watch.passes if (r:=w.rate_after(p)) is not None]
            print("RATES", rates[:4], watch.steps[:1] and watch.steps[0].rates)
            t=Trials(fit,watch,rates[0] if rates else None)
            report.findings=list(Rates(fit,t,divided=False).findings())
            print("FIT", fit.exact, fit.alone, fit.first, fit.last, fit.mean, fit.best, fit.summed)
        for f in report.findings: print(f.name, '|', f.sentence)
