using System.Globalization;
using System.Text.Json.Serialization;

namespace Migrator.Core.Mail;

/// <summary>UIDVALIDITY of a folder: while it stays the same, a UID names the same message (RFC 9051, section 2.3.1.1).</summary>
/// <param name="Value">0 where it is unknown.</param>
[JsonConverter(typeof(UidValidityJsonConverter))]
public readonly record struct UidValidity(uint Value) : IComparable<UidValidity>, ISpanFormattable
{
    public bool IsKnown => Value > 0;

    public static implicit operator UidValidity(uint value) => new(value);

    public static bool operator <(UidValidity left, UidValidity right) => left.Value < right.Value;

    public static bool operator >(UidValidity left, UidValidity right) => left.Value > right.Value;

    public static bool operator <=(UidValidity left, UidValidity right) => left.Value <= right.Value;

    public static bool operator >=(UidValidity left, UidValidity right) => left.Value >= right.Value;

    public int CompareTo(UidValidity other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    public string ToString(string? format, IFormatProvider? formatProvider) => Value.ToString(format, CultureInfo.InvariantCulture);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Value.TryFormat(destination, out charsWritten, format, CultureInfo.InvariantCulture);
}
