"""Open311 GeoReport v2: services, requests and tokens as civic clients know them, in JSON and XML.

A service is a category of complaint, a jurisdiction a project that opened this door, and a request a
complaint that came by it. What others may read of it is what the standard makes public: never a
name, a telephone or anything of a complaint that came in another way.
"""
