using Microsoft.Data.Sqlite;
using Migrator.Core.Checkpoints;

namespace Migrator.Storage.Sqlite;

/// <summary>Says what SQLite's errors mean to a person.</summary>
internal static class SqliteFailure
{
    private const string Damaged =
        "is damaged, or not a Migrator database. Move it away and run again: what is at the target already is recognized by content.";

    public static async Task<T> GuardAsync<T>(string path, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (SqliteException exception)
        {
            throw new CheckpointException($"The checkpoint store {path} {Words(exception)}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"The checkpoint store {path} cannot be used: {exception.Message}", exception);
        }
        // SQLite has no checksums: a damaged page may still be one, with values that nobody has written.
        catch (Exception exception)
            when (exception
                    is ArgumentException
                        or FormatException
                        or InvalidCastException
                        or InvalidOperationException
                        or OverflowException
                && exception is not ObjectDisposedException
            )
        {
            throw new CheckpointException($"The checkpoint store {path} {Damaged}", exception);
        }
    }

    /// <summary>Follows the name of the file. By SQLite's primary result codes.</summary>
    public static string Words(SqliteException exception) =>
        exception.SqliteErrorCode switch
        {
            5 or 6 => "is locked by another program. End it, or run again later.",
            8 => "cannot be written. Check the rights on the file and its directory, or name another state directory with --state.",
            11 or 26 => Damaged,
            13 => "cannot be written: the disk is full. Make room and run again.",
            14 => "cannot be opened. Check the rights on the file and its directory, or name another state directory with --state.",
            _ => $"failed: {exception.Message}",
        };
}
