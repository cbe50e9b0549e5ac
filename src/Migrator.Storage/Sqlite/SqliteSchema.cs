using System.Globalization;
using Microsoft.Data.Sqlite;
using Migrator.Core.Checkpoints;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Sqlite;

/// <summary>Brings a database to the present schema: the numbered scripts of a folder, each once, in
/// order. <c>PRAGMA user_version</c> holds the number of the last one.</summary>
internal static class SqliteSchema
{
    /// <param name="folder">Of the scripts.</param>
    /// <exception cref="CheckpointException">The database is of a later version.</exception>
    public static void Upgrade(SqliteConnection connection, string folder)
    {
        var scripts = SqlScripts.In(folder);
        // Taken before the version is read: two processes that start at once must not both run a script.
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = Convert.ToInt32(Execute(connection, transaction, "PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (version > scripts[^1].Number)
            throw new CheckpointException(
                $"{connection.DataSource} was written by a later version of Migrator (schema {version}, this one knows "
                    + $"{scripts[^1].Number}). Use that version, or another state directory."
            );
        foreach (var (number, sql) in scripts.Where(script => script.Number > version))
        {
            Execute(connection, transaction, sql);
            Execute(connection, transaction, $"PRAGMA user_version = {number}");
        }
        transaction.Commit();
    }

    private static object? Execute(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        using var command = connection.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, sql);
        return command.ExecuteScalar();
    }
}
