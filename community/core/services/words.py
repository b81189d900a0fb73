from django.utils.functional import Promise

Words = Promise | str
