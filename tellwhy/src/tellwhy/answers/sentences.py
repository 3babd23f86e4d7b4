"""All that can be found in an answer: a closed list of identifiers, with what a learner is told.

An identifier never changes. Of a sentence the places in braces are filled: with parameters, which
name the slip and are counted, or with what is quoted of the learner's code, which is not.
"""

import re

from tellwhy.finding import Catalogue

TABLE = """
not_a_function: `check` takes the function itself{got}. Write `{code}`, without parentheses behind it.
arguments: Your function cannot be called as `{call}`: its arguments are `{has}`.
raises: Your code raises {article} {error}{line}.{reason}
never_ends: Your code does not come to an end: it was stopped in the line `{line}`.
slow_line: Your line `{line}` takes {seconds} seconds, and nothing here needs that long.
changes_argument: Your code changes `{argument}`, which the caller still needs. Work on a copy of it.
memorised: Your result is right on all inputs that a check shows, and wrong on this one. Does your
    code compute it, or know it?
loop: The number of steps grows with the input: your code has a loop, or a sum() or map() that walks
    through a tensor. Let the library work on whole tensors.
not_raised: {article} {wanted} is asked for, and your code raises nothing.
other_error: {article} {wanted} is asked for, and your code raises {other} {error}.
error_returned: Your code returns a {wanted}. Raise it: `raise {wanted}(...)`.

printed: Your code prints its result. Return it.
not_printed: Your code returns its result. Print it.
nothing_returned: Your function returns None. Is a `return` missing?
none_part: It is None.
something_returned: Your function returns something. It should return nothing.
not_called: Your function returns a function: the parentheses behind it are missing.
type_for_value: Your function returns a type, not a value.
iterator: Your function returns an iterator, which gives its values only once. Make a {wanted} of it.
kind: Your result is of the kind "{got}", and "{wanted}" is asked for.{said}
shape: {start} the shape is wrong: it is {got}, not {wanted}.
several: Your result is several numbers, and one is asked for.{cure}
results_exchanged: Your results are exchanged: return `{names}`, in this order.
named_results: Your result is a dict. Return `{names}`, with commas between.
one_result: You return only `{part}`. Return `{names}`, with commas between.
one_piece: Your results come in one piece. Return `{names}`, with commas between.
number_of_results: You return {got}, not {wanted}. Return `{names}`, with commas between.
other_part: It is what `{part}` should be.
part_wrong: {said}

registered: {advice}
observed: {advice}

negated: Your result has the wrong sign: it is minus the right one.
reciprocal: Your result is upside down: it is 1 divided by the right one.
squared: Your result is the square of the right one.
root: Your result is the square root of the right one.
absolute: Your result is the right one without its sign.
logarithm: Your result is the logarithm of the right one.
exponential: Your result is e to the power of the right one.
complement: Your result is 1 minus the right one.
opposite: Your result is the opposite of the right one: True for False, and False for True.
degrees: Your result is in degrees, and radians are asked for.
radians: Your result is in radians, and degrees are asked for.
rounded: Your result is rounded to a whole number.
cut: Your result is the right one without the digits behind the point.
digits: Your result is rounded to {digits} digits behind the point.
not_rounded: Your result is not rounded: {digits} digits behind the point are asked for.
transposed: Your result is transposed: rows and columns are exchanged.
reshaped: Your values are right and stand in the wrong places: `reshape` does not exchange rows and
    columns, `.T` does.
reversed: Your result is in reverse order.
sorted: Your result is the right one, but sorted.
descending: Your result is the right one, but sorted from large to small.
unique: Your result is the right one without what repeats in it.
summed: Your result is the right one, added up to one number.
averaged: Your result is the right one, averaged to one number.
lower_case: Your result is the right one in small letters.
upper_case: Your result is the right one in capital letters.
stripped: Your result is the right one without the white space at its ends.
without_first: Your result is the right one without its first element.
without_last: Your result is the right one without its last element.
first_only: Your result is only the first element of the right one.
last_only: Your result is only the last element of the right one.
length: Your result is the length of the right one.
wrapped: Your result is the right one inside of another list.
joined: Your result is the right one, joined to one text.
letters: Your result is the right one, cut into single characters.
keys_only: Your result is only the keys of the right one.
values_only: Your result is only the values of the right one.
inverted: Your keys and values are exchanged.
case: Your result differs from the right one only in capital and small letters.
spaces: Your result differs from the right one only in white space.
punctuation: Your result differs from the right one only in punctuation and white space.
another_order: Your result has the right elements in another order.
repeated: Your result has the right elements, some of them too often.
block: Your result is a block of neighbours of the list that is given.
last_missing: Your result is right as far as it goes, and the last elements are missing.
too_few: What your result has is right, and elements are missing.
too_many: Your result has all that is right, and more.
more_in_front: Your result is the right one, with more in front of it.
more_behind: Your result is the right one, with more behind it.
keys_missing: Your result lacks keys, such as `{right}`.
keys_extra: Your result has keys that do not belong there, such as `{mine}`.
other_keys: Your result has other keys: `{mine}`, for one, does not belong there, and `{right}` is
    missing.
not_finite: Some of your values are inf or nan, and the others are right: a number on the way is too
    large or too small for the computer, or is divided by 0.
always: Your result is always {value}, whatever the inputs are.
factor: Your result is {times}.
sum_for_mean: Your result is the right one times `{size}`: a sum where a mean belongs.
mean_for_sum: Your result is the right one divided by `{size}`: a mean where a sum belongs.
fixed_size: Your code divides by {number}, whatever the inputs are, where `{size}` belongs.
offset: Your result is too {side} by {amount}.
reading: Your result is the same as `{code}`.
near: Your result comes near the right one, within {percent} %, and does not reach it: your code
    approximates, stops too early or rounds on the way.
limit: Your values never go {side} {value}: a limit, or a small number that is added, holds them there.

change: `{mine}` stands in your code where `{right}` belongs.
amounts: Your code amounts to `{mine}`, where `{right}` belongs.
solution_line: Where a solution has `{right}`, your code does what `{mine}` does.
lacks: Your code does not do what `{right}` does in a solution.
unasked: A solution asks `{right}`, and your code does the same in either case.
line: `{mine}` stands in your code and does not belong there.
condition: `{mine}` stands in your code, and what is below it should always be done.
missing: `{mine}` is missing{right} in your code.
order: `{mine}` stands in your code before `{right}`, and belongs behind it.
after: `{mine}` stands inside of a loop in your code, and belongs behind the loop.
before: `{mine}` stands inside of a loop in your code, and belongs before the loop.
inside: `{mine}` stands behind a loop in your code, and belongs inside of it.
exchange: Your code uses `{one}` and `{other}` the wrong way round.
round: Your code does only the {which} round of its loop.

not_repeatable: A second call of your function with the same arguments gives another result.
ignores: Your result does not depend on `{argument}`.
only_part: Your result depends only on the {place} {part} of `{argument}`.
ignores_part: Your result does not depend on the {place} {part} of `{argument}`.
mixed: A value in your result changes with a {part} of `{argument}` that should not affect it.
depends_on_order: Your result depends on the order in `{argument}`, and should not.

where: On the inputs tried, your result is {condition}.
places: Of the values in your result: {condition}.
special: Your result is right for the first inputs tried, and wrong for {which}.
one_input: Your result is right on all inputs tried but this one.
"""

SAID = Catalogue(row.split(": ", 1) for row in re.sub(r"\n +", " ", TABLE).split("\n") if row)
