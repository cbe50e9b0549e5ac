namespace Migrator.Service.Notifications;

/// <param name="Recipient">An address, or a reference to that of a webhook.</param>
/// <param name="Who">The same for people; of a webhook, its host.</param>
/// <param name="Wrong">Why it was not taken, as text and without secrets; null where it was.</param>
public sealed record DeliveryResult(string Recipient, string Who, string? Wrong);
