// Where the links of our mails lead: the browse page takes over, with the token, which stays behind the #.
location.replace(`/browse${location.hash}`);
