using System.Globalization;
using System.Text.Json.Serialization;

namespace Migrator.Core.Mail;

/// <summary>The number of a message in its folder (RFC 9051, section 2.3.1.1), in the mailbox that it was read from: the source, or the
/// mailbox that a session is with. What a migration knows of a copy at the target is a <see cref="TargetUid"/>: the two cannot be
/// mistaken for each other.</summary>
/// <param name="Value">0 where it is unknown.</param>
[JsonConverter(typeof(UidJsonConverter))]
public readonly record struct Uid(uint Value) : IComparable<Uid>, ISpanFormattable
{
    /// <summary>The lowest that a message can have.</summary>
    public static readonly Uid Min = new(1);

    /// <summary>The highest that a message can have; there is none after it.</summary>
    public static readonly Uid Max = new(uint.MaxValue);

    public bool IsKnown => Value > 0;

    /// <summary>The one after it; the highest stays what it is.</summary>
    public Uid Next => Value == uint.MaxValue ? this : new Uid(Value + 1);

    public static Uid Higher(Uid one, Uid other) => one > other ? one : other;

    public static implicit operator Uid(uint value) => new(value);

    public static bool operator <(Uid left, Uid right) => left.Value < right.Value;

    public static bool operator >(Uid left, Uid right) => left.Value > right.Value;

    public static bool operator <=(Uid left, Uid right) => left.Value <= right.Value;

    public static bool operator >=(Uid left, Uid right) => left.Value >= right.Value;

    public int CompareTo(Uid other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    public string ToString(string? format, IFormatProvider? formatProvider) => Value.ToString(format, CultureInfo.InvariantCulture);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Value.TryFormat(destination, out charsWritten, format, CultureInfo.InvariantCulture);
}
