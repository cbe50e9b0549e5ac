using System.Text.Json.Serialization;

namespace Migrator.Core.Mail;

/// <summary>The UID that a message got at the target, beside the one that it has at the source.</summary>
/// <param name="Uid">For sessions with the target.</param>
[JsonConverter(typeof(TargetUidJsonConverter))]
public readonly record struct TargetUid(Uid Uid) : IComparable<TargetUid>
{
    /// <inheritdoc cref="Mail.Uid.Min"/>
    public static readonly TargetUid Min = new(Uid.Min);

    /// <inheritdoc cref="Mail.Uid.Max"/>
    public static readonly TargetUid Max = new(Uid.Max);

    public bool IsKnown => Uid.IsKnown;

    /// <inheritdoc cref="Mail.Uid.Next"/>
    public TargetUid Next => new(Uid.Next);

    /// <param name="uids">Of a session with the target.</param>
    public static IReadOnlyList<TargetUid> Of(IEnumerable<Uid> uids) => [.. uids.Select(uid => new TargetUid(uid))];

    public static TargetUid Lower(TargetUid one, TargetUid other) => one < other ? one : other;

    public static TargetUid Higher(TargetUid one, TargetUid other) => one > other ? one : other;

    public static implicit operator TargetUid(uint value) => new(value);

    public static bool operator <(TargetUid left, TargetUid right) => left.Uid < right.Uid;

    public static bool operator >(TargetUid left, TargetUid right) => left.Uid > right.Uid;

    public static bool operator <=(TargetUid left, TargetUid right) => left.Uid <= right.Uid;

    public static bool operator >=(TargetUid left, TargetUid right) => left.Uid >= right.Uid;

    public int CompareTo(TargetUid other) => Uid.CompareTo(other.Uid);

    public override string ToString() => Uid.ToString();
}
