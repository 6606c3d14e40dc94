// libebur128 as Swift sees it: its modes are an enum that the importer leaves without operators.
#include <ebur128.h>

static const int shim_integrated = EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM;
static const int shim_success = EBUR128_SUCCESS;
