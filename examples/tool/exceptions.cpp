// SPDX-License-Identifier: BSL-1.0
#include "exceptions.hpp"

#include <exception>
#include <new>
#include <system_error>

namespace tool {

rowferry::error caught(const std::string& operation, const std::string& where) {
    rowferry::error e;
    try {
        throw;
    } catch (const rowferry::copy_error& failed) {
        e = failed.error();
    } catch (const std::bad_alloc&) {
        // The same batch needs as much the next time.
        e.message = "there is not enough memory";
        e.cause = rowferry::cause::out_of_memory;
        e.remedies = {rowferry::remedy{rowferry::remedy::smaller_batches}};
    } catch (const std::system_error& failed) {
        const bool lacks_threads = failed.code() == std::errc::resource_unavailable_try_again;
        if (lacks_threads) e.fault = rowferry::fault::overloaded;
        e.message = std::string("the system refuses: ") + failed.what();
    } catch (const std::exception& failed) {
        e.message = std::string("internal error: ") + failed.what();
    } catch (...) {
        e.message = "internal error: an exception of an unknown type";
    }
    if (e.operation.empty()) e.operation = operation;
    if (e.where.empty()) e.where = where;
    return e;
}

} // namespace tool
