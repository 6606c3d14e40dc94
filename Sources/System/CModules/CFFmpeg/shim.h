// libav as Swift sees it: the macros, casts and array fields that the importer leaves out.
// avfilter is not linked on purpose: it costs every start of the helper 10 to 27 ms and 11 MB, and few sources need it.
// shim_load_filters loads it at run time.
#include <dlfcn.h>
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int shim_EOF = AVERROR_EOF;
static const int shim_EAGAIN = AVERROR(EAGAIN);
static const int shim_EIO = AVERROR(EIO);
static const int shim_ENOMEM = AVERROR(ENOMEM);
static const int64_t shim_NOPTS = AV_NOPTS_VALUE;

static inline uint8_t *shim_plane(const AVFrame *f, int i) { return f->data[i]; }
static inline int shim_linesize(const AVFrame *f, int i) { return f->linesize[i]; }

static inline int shim_error_text(int code, char *text, size_t size) { return av_strerror(code, text, size); }

/// Clockwise turn in degrees that the display matrix of a stream asks for, rounded to quarters.
static inline int shim_rotation(const AVStream *s) {
    size_t size = 0;
    const uint8_t *m = av_stream_get_side_data(s, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (!m || size < 9 * sizeof(int32_t)) return 0;
    double counter = av_display_rotation_get((const int32_t *)m);
    if (!(counter > -360.0 && counter < 360.0)) return 0;
    int clockwise = (int)(-counter + (counter > 0 ? -0.5 : 0.5));
    clockwise = ((clockwise % 360) + 360) % 360;
    return ((clockwise + 45) / 90 * 90) % 360;
}

/// Whether the index says that bytes beyond `size` belong to the stream.
static inline int shim_reaches_beyond(AVStream *s, int64_t size) {
    int n = avformat_index_get_entries_count(s);
    for (int i = 0; i < n; i++) {
        const AVIndexEntry *e = avformat_index_get_entry(s, i);
        if (e && e->pos >= 0 && e->size > 0 && e->pos + e->size > size) return 1;
    }
    return 0;
}

/// Turns a plane clockwise by 90, 180 or 270 degrees; width and height are the source's.
static inline void shim_turn_plane(
    uint8_t *to, int to_line, const uint8_t *from, int from_line, int width, int height, int degrees) {
    for (int y = 0; y < height; y++) {
        const uint8_t *row = from + (ptrdiff_t)y * from_line;
        for (int x = 0; x < width; x++) {
            ptrdiff_t tx = degrees == 90 ? height - 1 - y : degrees == 270 ? y : width - 1 - x;
            ptrdiff_t ty = degrees == 90 ? x : degrees == 270 ? width - 1 - x : height - 1 - y;
            to[ty * to_line + tx] = row[x];
        }
    }
}

static void shim_log(void *from, int level, const char *format, va_list arguments) {
    static int lines;
    // A hostile file could fill the log.
    if (level > AV_LOG_ERROR || __atomic_add_fetch(&lines, 1, __ATOMIC_RELAXED) > 100) return;
    char line[512];
    int n = vsnprintf(line, sizeof line - 1, format, arguments);
    if (n <= 0) return;
    if (n > (int)sizeof line - 2) n = (int)sizeof line - 2;
    for (int i = 0; i < n; i++) if ((unsigned char)line[i] < 32 && line[i] != '\n') line[i] = '?';
    if (write(2, line, (size_t)n) < 0) return;
}

/// libav's first hundred errors go to descriptor 2 in one write each; nothing is buffered that a crash could lose.
static inline void shim_log_to_stderr(void) { av_log_set_callback(shim_log); }

static inline enum AVPixelFormat shim_plain_format(const AVCodecContext *c) { return c->pix_fmt; }

static inline int shim_is_discard(const AVPacket *p) { return (p->flags & AV_PKT_FLAG_DISCARD) != 0; }

static inline int shim_has_new_extradata(const AVPacket *p) {
    size_t size = 0;
    return av_packet_get_side_data(p, AV_PKT_DATA_NEW_EXTRADATA, &size) != NULL && size > 0;
}

static inline int shim_is_encrypted(const AVPacket *p) {
    size_t size = 0;
    return av_packet_get_side_data(p, AV_PKT_DATA_ENCRYPTION_INFO, &size) != NULL;
}

static inline int shim_convert_audio(SwrContext *s, AVFrame *to, int room, const AVFrame *from) {
    return swr_convert(s, to->extended_data, room, from ? (const uint8_t **)from->extended_data : NULL,
                       from ? from->nb_samples : 0);
}

static inline float *shim_floats(const AVFrame *f, int channel) { return (float *)f->extended_data[channel]; }

static inline int shim_scale(struct SwsContext *c, const AVFrame *from, AVFrame *to) {
    return sws_scale(c, (const uint8_t *const *)from->data, from->linesize, 0, from->height, to->data, to->linesize);
}

static inline void shim_free_io(AVIOContext **io) {
    if (*io) av_freep(&(*io)->buffer);
    avio_context_free(io);
}

/// Black in full range.
static inline void shim_fill_black(AVFrame *f) {
    for (int y = 0; y < f->height; y++) memset(f->data[0] + (ptrdiff_t)y * f->linesize[0], 0, (size_t)f->width);
    for (int p = 1; p < 3; p++)
        for (int y = 0; y < f->height / 2; y++)
            memset(f->data[p] + (ptrdiff_t)y * f->linesize[p], 128, (size_t)f->width / 2);
}

/// Copies a 4:2:0 picture onto a larger one; x, y and both sizes are even and it fits.
static inline void shim_put(AVFrame *to, const AVFrame *from, int x, int y) {
    for (int p = 0; p < 3; p++) {
        int s = p ? 1 : 0;
        for (int row = 0; row < from->height >> s; row++)
            memcpy(to->data[p] + (ptrdiff_t)((y >> s) + row) * to->linesize[p] + (x >> s),
                   from->data[p] + (ptrdiff_t)row * from->linesize[p], (size_t)(from->width >> s));
    }
}

/// Nits of the brightest pixel (MaxCLL, else the mastering display's); 0 when nothing says so.
static inline int shim_peak(const AVContentLightMetadata *light, const AVMasteringDisplayMetadata *display) {
    if (light && light->MaxCLL > 0 && light->MaxCLL <= 10000) return (int)light->MaxCLL;
    if (!display || !display->has_luminance || display->max_luminance.den <= 0) return 0;
    double nits = av_q2d(display->max_luminance);
    return nits > 0 && nits <= 10000 ? (int)nits : 0;
}

static inline int shim_frame_peak(const AVFrame *f) {
    AVFrameSideData *light = av_frame_get_side_data(f, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
    AVFrameSideData *display = av_frame_get_side_data(f, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
    return shim_peak(light ? (AVContentLightMetadata *)light->data : NULL,
                     display ? (AVMasteringDisplayMetadata *)display->data : NULL);
}

static inline int shim_stream_peak(const AVStream *s) {
    size_t size = 0;
    const uint8_t *light = av_stream_get_side_data(s, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, &size);
    if (size < sizeof(AVContentLightMetadata)) light = NULL;
    const uint8_t *display = av_stream_get_side_data(s, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, &size);
    if (size < sizeof(AVMasteringDisplayMetadata)) display = NULL;
    return shim_peak((const AVContentLightMetadata *)light, (const AVMasteringDisplayMetadata *)display);
}

static inline int shim_is_rgb(int format) {
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get((enum AVPixelFormat)format);
    return d && (d->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

/// The functions of libavfilter, where it was loaded.
typedef struct {
    __typeof__(&avfilter_graph_alloc) graph_alloc;
    __typeof__(&avfilter_graph_free) graph_free;
    __typeof__(&avfilter_graph_create_filter) create_filter;
    __typeof__(&avfilter_graph_parse_ptr) parse;
    __typeof__(&avfilter_graph_config) config;
    __typeof__(&avfilter_get_by_name) by_name;
    __typeof__(&avfilter_inout_alloc) inout_alloc;
    __typeof__(&avfilter_inout_free) inout_free;
    __typeof__(&av_buffersrc_add_frame_flags) push;
    __typeof__(&av_buffersink_get_frame) pull;
    __typeof__(&av_buffersink_get_time_base) time_base;
} shim_filters;

#define SHIM_TEXT(x) #x
#define SHIM_SONAME(major) "libavfilter.so." SHIM_TEXT(major)

/// Loads libavfilter of the version this was compiled with; NULL when it is missing. Before a jail.
static inline shim_filters *shim_load_filters(void) {
    void *library = dlopen(SHIM_SONAME(LIBAVFILTER_VERSION_MAJOR), RTLD_LAZY | RTLD_LOCAL);
    shim_filters *f = library ? (shim_filters *)calloc(1, sizeof *f) : NULL;
    if (!f) return NULL;
#define SHIM_FIND(member, name) if (!(*(void **)&f->member = dlsym(library, #name))) { free(f); return NULL; }
    SHIM_FIND(graph_alloc, avfilter_graph_alloc)
    SHIM_FIND(graph_free, avfilter_graph_free)
    SHIM_FIND(create_filter, avfilter_graph_create_filter)
    SHIM_FIND(parse, avfilter_graph_parse_ptr)
    SHIM_FIND(config, avfilter_graph_config)
    SHIM_FIND(by_name, avfilter_get_by_name)
    SHIM_FIND(inout_alloc, avfilter_inout_alloc)
    SHIM_FIND(inout_free, avfilter_inout_free)
    SHIM_FIND(push, av_buffersrc_add_frame_flags)
    SHIM_FIND(pull, av_buffersink_get_frame)
    SHIM_FIND(time_base, av_buffersink_get_time_base)
#undef SHIM_FIND
    return f;
}

/// Sets up `chain` between a source described by `arguments` and a sink; in this thread alone.
static inline int shim_graph_open(const shim_filters *f, const char *arguments, const char *chain, AVFilterGraph **graph,
                                  AVFilterContext **in, AVFilterContext **out) {
    AVFilterGraph *g = f->graph_alloc();
    AVFilterInOut *ends = f->inout_alloc(), *begins = f->inout_alloc();
    int code = AVERROR(ENOMEM);
    if (g && ends && begins) {
        g->nb_threads = 1;
        code = f->create_filter(in, f->by_name("buffer"), "in", arguments, NULL, g);
        if (code >= 0) code = f->create_filter(out, f->by_name("buffersink"), "out", NULL, NULL, g);
        begins->name = av_strdup("in");
        begins->filter_ctx = *in;
        ends->name = av_strdup("out");
        ends->filter_ctx = *out;
        if (code >= 0) code = f->parse(g, chain, &ends, &begins, NULL);
        if (code >= 0) code = f->config(g, NULL);
    }
    f->inout_free(&ends);
    f->inout_free(&begins);
    if (code < 0) f->graph_free(&g);
    *graph = g;
    return code;
}

static inline int shim_graph_push(const shim_filters *f, AVFilterContext *in, AVFrame *frame) {
    return f->push(in, frame, 0);
}

static inline int shim_graph_pull(const shim_filters *f, AVFilterContext *out, AVFrame *frame) {
    return f->pull(out, frame);
}

static inline AVRational shim_graph_time_base(const shim_filters *f, const AVFilterContext *out) {
    return f->time_base(out);
}

static inline void shim_graph_free(const shim_filters *f, AVFilterGraph **graph) { f->graph_free(graph); }
