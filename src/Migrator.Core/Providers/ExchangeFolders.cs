namespace Migrator.Core.Providers;

/// <summary>Names that Exchange gives the folders of a mailbox, in the language that its owner has chosen first.</summary>
internal static class ExchangeFolders
{
    /// <summary>Their items are made into messages when they are fetched, and are not mail. Notes, RSS feeds and conversations are left:
    /// they are read like mail.</summary>
    public static readonly IReadOnlyList<FoldersWithoutMail> WithoutMail =
    [
        new("Calendar", "Contacts", "Tasks", "Journal", "Sync Issues"),
        new("Kalender", "Kontakte", "Aufgaben", "Journal", "Synchronisierungsprobleme"),
        new("Calendrier", "Contacts", "Tâches", "Journal", "Problèmes de synchronisation"),
        new("Calendario", "Contactos", "Tareas", "Diario", "Problemas de sincronización"),
        new("Calendario", "Contatti", "Attività", "Diario", "Problemi sincronizzazione"),
        new("Calendário", "Contatos", "Tarefas", "Diário", "Problemas de Sincronização"),
        new("Calendário", "Contactos", "Tarefas", "Diário", "Problemas de Sincronização"),
        new("Agenda", "Contactpersonen", "Taken", "Logboek", "Synchronisatieproblemen"),
        new("Kalender", "Kontakter", "Uppgifter", "Journal", "Synkroniseringsproblem"),
        new("Kalender", "Kontakter", "Oppgaver", "Journal", "Synkroniseringsproblemer"),
        new("Kalender", "Kontaktpersoner", "Opgaver", "Journal", "Synkroniseringsproblemer"),
        new("Kalenteri", "Yhteystiedot", "Tehtävät", "Päiväkirja", "Synkronointiongelmat"),
        new("Kalendarz", "Kontakty", "Zadania", "Dziennik", "Problemy z synchronizacją"),
        new("Kalendář", "Kontakty", "Úkoly", "Deník", "Problémy se synchronizací"),
        new("Календарь", "Контакты", "Задачи", "Дневник", "Ошибки синхронизации"),
        new("Takvim", "Kişiler", "Görevler", "Günlük", "Eşitleme Sorunları"),
        new("予定表", "連絡先", "タスク", "履歴", "同期の失敗"),
        new("日历", "联系人", "任务", "日记", "同步问题"),
    ];

    public static readonly IReadOnlySet<string> Reserved = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Files" };
}
