using System.Data;

namespace Migrator.Storage.Sql;

/// <summary>A value of a statement, with its type: PostgreSQL cannot always tell the type of a null from where it stands.</summary>
internal readonly record struct SqlValue
{
    private SqlValue(object? value, DbType? type) => (Value, Type) = (value, type);

    public object? Value { get; }

    /// <summary>Null where the driver takes it from the value, which is not null then.</summary>
    public DbType? Type { get; }

    public static implicit operator SqlValue(int value) => new(value, DbType.Int32);

    public static implicit operator SqlValue(long value) => new(value, DbType.Int64);

    public static implicit operator SqlValue(long? value) => new(value, DbType.Int64);

    public static implicit operator SqlValue(bool value) => new(value, DbType.Boolean);

    public static implicit operator SqlValue(string? value) => new(value, DbType.String);

    public static implicit operator SqlValue(byte[] value) => new(value, DbType.Binary);

    // The types that DbType has for times are points in time, where PostgreSQL has an interval.
    public static implicit operator SqlValue(TimeSpan value) => new(value, null);

    public static implicit operator SqlValue(int[] values) => new(values, null);

    public static implicit operator SqlValue(long[] values) => new(values, null);

    public static implicit operator SqlValue(string[] values) => new(values, null);
}
