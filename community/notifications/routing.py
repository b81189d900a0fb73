socket_urls: list = []
