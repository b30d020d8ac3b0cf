r"""Checks of infra/ and .github/workflows/ that need no AWS account and no network.

    __main__ -> command -> catalogue -> {formatting, house, modules, hcl, plans, design, policies, machines, workflows}
                       \-> run                    each -> {terraform, outside, place} -> outcome

A check is a function of the place to problems. `catalogue` names them all; nothing else knows more than one.
"""
