"""The product as the API's fuzzer and the access matrix meet it: api, gate, nginx and PostgreSQL, nobody to make lessons."""
import os

from uploadlab import SECRETS, UploadLab
from world import World

# Nobody is to be told to come again: what is asked for is what the handlers answer.
FREE = {name: "1000000" for name in (
    "RATE_ANONYMOUS", "RATE_KEY", "RATE_ACCOUNT", "RATE_TOKENS", "RATE_SIGN_INS", "RATE_REGISTRATIONS", "RATE_FAILED_SIGN_INS")}


class FuzzLab(UploadLab):
    def __init__(self, **settings):
        super().__init__(api=4, upload=4, **{**FREE, **settings})
        if "SWAGGER_UI_DIR" not in settings:
            self.stand_in()

    def stand_in(self):
        """Files that are served as Swagger UI's."""
        self.swagger = f"{self.base}/swagger"
        for environment in (self.settings, self.api.environment, self.upload.environment):
            environment["SWAGGER_UI_DIR"] = self.swagger
        os.makedirs(self.swagger)
        for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
            with open(f"{self.swagger}/{name}", "w") as file:
                file.write("/* stands in for the installed package's */\n")

    def start(self):
        super().start()
        self.key = self.reelgate("keys", "add", "--name", "all", "--scopes", "upload,tokens,catalog,admin").strip().splitlines()[-1]
        self.world = World(self.server.url(), self.data, SECRETS["JWT_SECRET"])
        return self

    def stop(self):
        if hasattr(self, "world"):
            self.world.close()
        super().stop()
