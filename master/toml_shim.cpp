/*
 * toml_shim.cpp: a TOML document as a flat list, for C.
 *
 * Owns the only C++ of the project. Lets no exception out. Must not know what the keys mean.
 */
#include "toml_shim.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <string>
#include <vector>

/*
 * With its assertions on, toml++ aborts on some malformed documents (`[.]` is one) instead of
 * returning an error; with its exceptions off, parse() returns the error as a value.
 */
#ifndef NDEBUG
#define NDEBUG
#endif
#ifndef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
#endif
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

/* No value that swarm knows lies deeper; deeper tables are listed themselves, their contents are not. */
constexpr unsigned listed_depth_max = 8;

/* toml++ limits how deep brackets nest but not dotted keys, and it frees a document recursively. */
constexpr unsigned dots_in_line_max = 1000;

/* Deques, since items point to texts and lists of keys that must not move. */
struct toml_shim_document {
    std::deque<std::string> texts;
    std::deque<std::vector<const char *>> paths;
    std::vector<toml_shim_item> items;
};

namespace
{

toml_shim_position
position(const toml::source_region &region)
{
    return {static_cast<unsigned>(region.begin.line), static_cast<unsigned>(region.begin.column)};
}

const char *
keep_text(toml_shim_document &document, std::string_view text)
{
    document.texts.emplace_back(text);
    return document.texts.back().c_str();
}

void
set_value(toml_shim_document &document, toml_shim_item &item, const toml::node &node)
{
    if (const auto *text = node.as_string()) {
        item.kind = TOML_SHIM_TEXT;
        item.text = keep_text(document, text->get());
        item.text_size = text->get().size();
    } else if (const auto *integer = node.as_integer()) {
        item.kind = TOML_SHIM_INTEGER;
        item.integer = integer->get();
    } else if (const auto *number = node.as_floating_point()) {
        item.kind = TOML_SHIM_FLOAT;
        item.number = number->get();
    } else if (const auto *boolean = node.as_boolean()) {
        item.kind = TOML_SHIM_BOOLEAN;
        item.boolean = boolean->get();
    } else {
        item.kind = node.is_table()   ? TOML_SHIM_TABLE
                    : node.is_array() ? TOML_SHIM_ARRAY
                                      : TOML_SHIM_TIME;
    }
}

void
add_item(toml_shim_document &document, const std::vector<const char *> &path,
         const toml_shim_position &key_at, const toml::node &node)
{
    toml_shim_item item = {};

    item.keys = path.data();
    item.depth = static_cast<unsigned>(path.size());
    item.element = -1;
    item.key_at = key_at;
    item.value_at = position(node.source());
    set_value(document, item, node);
    document.items.push_back(item);
}

/* Elements of elements are not listed: the array they stand in is an element with its kind. */
void
add_elements(toml_shim_document &document, const toml::array &array)
{
    const toml_shim_item parent = document.items.back();
    long at = 0;

    for (const toml::node &node : array) {
        toml_shim_item item = parent;

        item.element = at++;
        item.value_at = position(node.source());
        set_value(document, item, node);
        document.items.push_back(item);
    }
}

void
add_table(toml_shim_document &document, const std::vector<const char *> &parent,
          const toml::table &table)
{
    for (auto &&[key, node] : table) {
        std::vector<const char *> path = parent;

        path.push_back(keep_text(document, key.str()));
        document.paths.push_back(path);
        add_item(document, document.paths.back(), position(key.source()), node);
        if (const auto *array = node.as_array())
            add_elements(document, *array);
        const auto *inner = node.as_table();
        if (inner != nullptr && path.size() < listed_depth_max)
            add_table(document, path, *inner);
    }
}

/* toml++ keeps tables sorted by key; a reader of errors wants the first one first. */
void
sort_items(std::vector<toml_shim_item> &items)
{
    std::stable_sort(items.begin(), items.end(),
                     [](const toml_shim_item &a, const toml_shim_item &b) {
                         return a.key_at.line != b.key_at.line ? a.key_at.line < b.key_at.line
                                                               : a.key_at.column < b.key_at.column;
                     });
}

/* Returns the line that has too many dots, or 0. */
unsigned
find_dotted_line(std::string_view contents)
{
    unsigned line = 1, dots = 0;

    for (const char byte : contents) {
        if (byte == '\n') {
            line++;
            dots = 0;
        }
        if (byte == '.' && ++dots > dots_in_line_max)
            return line;
    }
    return 0;
}

int
parse(std::string_view contents, toml_shim_document **ret, toml_shim_error *ret_error)
{
    const unsigned dotted_line = find_dotted_line(contents);
    if (dotted_line != 0) {
        ret_error->at = {dotted_line, 1};
        std::snprintf(ret_error->text, sizeof(ret_error->text), "a line with more than %u dots.",
                      dots_in_line_max);
        return -EINVAL;
    }
    const toml::parse_result result = toml::parse(contents);

    if (!result) {
        const std::string text(result.error().description());

        ret_error->at = position(result.error().source());
        std::snprintf(ret_error->text, sizeof(ret_error->text), "%s", text.c_str());
        return -EINVAL;
    }
    auto document = new toml_shim_document();
    try {
        add_table(*document, {}, result.table());
        sort_items(document->items);
    } catch (...) {
        delete document;
        throw;
    }
    *ret = document;
    return 0;
}

} // namespace

int
toml_shim_parse(const char *contents, size_t size, struct toml_shim_document **ret,
                struct toml_shim_error *ret_error)
{
    try {
        return parse(std::string_view(contents, size), ret, ret_error);
    } catch (...) {
        return -ENOMEM;
    }
}

const struct toml_shim_item *
toml_shim_items(const struct toml_shim_document *document, size_t *ret_count)
{
    *ret_count = document->items.size();
    return document->items.data();
}

void
toml_shim_free(struct toml_shim_document *document)
{
    delete document;
}
