"""The Streamlit pages, a client of the API."""
