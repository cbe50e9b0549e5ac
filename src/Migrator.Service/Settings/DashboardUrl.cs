namespace Migrator.Service.Settings;

/// <param name="Text">As Kestrel takes it.</param>
/// <param name="Host">Lower case; null where it stands for all of the machine's names.</param>
/// <param name="Tls">Whether it is https.</param>
/// <param name="Loopback">Whether only this machine reaches it.</param>
public sealed record DashboardUrl(string Text, string? Host, bool Tls, bool Loopback);
