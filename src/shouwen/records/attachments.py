def export(*a):
    return []


def erase(*a):
    return 0
